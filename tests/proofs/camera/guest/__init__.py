"""What runs inside the virtual machine; the standard library of Debian 12's Python alone."""
