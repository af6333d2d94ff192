"""The door for programs: JSON over HTTP beside the pages, in the same process. `docs/api.md` shows how it is used."""
