"""One live interaction: session, switchboard (which calls are ours), handover to an agent, and the ports they need."""
