"""Files and folders of applications in, decisions out."""
