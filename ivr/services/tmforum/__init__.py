"""The company's systems by TM Forum Open APIs, v4: which resources a service of the catalogue is read from."""
