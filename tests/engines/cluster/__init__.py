"""Clusters: what schedules containers onto several machines, above an engine on each."""
