"""The sample back office's tables as TM Forum Open API resources, v4."""
