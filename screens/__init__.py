"""The console's screens: they show the domain's values and call the administration, and hold no rule of their own."""
