#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes builtin-profiles.c: configs/*.ini as C strings.

usage: embed.py OUTPUT PROFILE.ini...

The built-in profiles are these files and nothing else, so that what a user
copies and edits is what the device was before.
"""

import os
import sys


def literal(text):
    """One C string per line, for people who read the generated file."""
    lines = []
    for line in text.splitlines():
        # Comments would only make the object larger.
        if line and not line.startswith('#'):
            escaped = line.replace('\\', '\\\\').replace('"', '\\"')
            lines.append(f'      "{escaped}\\n"')
        else:
            lines.append('      "\\n"')     # keeps line numbers
    return '\n'.join(lines)


def main():
    output, profiles = sys.argv[1], sys.argv[2:]
    names = [os.path.splitext(os.path.basename(p))[0] for p in profiles]
    parts = ['/* Made by lib/config/embed.py. */',
             '#include "config/profile-int.h"',
             '',
             'const SpdmBuiltinProfile spdm_builtin_profiles[] = {']
    for name, path in zip(names, profiles):
        with open(path, encoding='utf-8') as f:
            parts.append(f'    {{ "{name}",\n{literal(f.read())} }},')
    parts += ['    { NULL, NULL }', '};', '',
              'const char *const spdm_builtin_profile_names[] = {']
    parts += [f'    "{name}",' for name in names]
    parts += ['    NULL', '};', '']
    with open(output, 'w', encoding='utf-8') as f:
        f.write('\n'.join(parts))


if __name__ == '__main__':
    main()
