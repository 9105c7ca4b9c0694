# Sphinx set-up: sphinx-build docs build/docs
project = "qemu-spdm"
author = "the qemu-spdm developers"
extensions = []
html_theme = "alabaster"
exclude_patterns = []
