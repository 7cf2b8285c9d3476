"""The live runner: frames become steady answers, and answers reach people and programs."""
