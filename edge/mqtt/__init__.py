"""Telling an MQTT broker, and Home Assistant behind it, what is seen."""
