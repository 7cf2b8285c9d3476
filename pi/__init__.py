"""What a Raspberry Pi installs: the wheel, and a bundle of it that needs no network."""
