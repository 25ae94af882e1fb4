"""Tables and figures of attacks and defenses."""
