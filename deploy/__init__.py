"""How the service is brought up, changed and kept: infrastructure, images, releases, restores."""
