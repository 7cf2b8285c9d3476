"""The machine underneath: processors, memory, files, child processes, OpenCV."""
