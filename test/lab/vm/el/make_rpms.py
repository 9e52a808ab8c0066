#!/usr/bin/env python3
"""Wraps files of Debian's packages as RPMs under the names of Enterprise Linux, and takes them off this root.

Runs in the root of a host, with the files of ./ beside it. Makes three repositories: REPOSITORY/system, REPOSITORY/modules
with modules of the kernel, and REPOSITORY/newer with modules of a kernel that the host does not have.
Usage: make_rpms.py REPOSITORY
"""

import pathlib
import shutil
import subprocess
import sys

here = pathlib.Path(__file__).resolve().parent
repository = pathlib.Path(sys.argv[1])
# Of everything that Debian's packages bring beside their own and that no bare host has.
LIBRARIES = 'lab-libraries'
# As Oracle splits the modules of its kernel for Enterprise Linux 10: the first name is the obvious one, and wrong.
MODULES = {
    'kernel-uek-modules-extra': ['vxlan'],
    'kernel-uek-modules-extra-netfilter': ['br_netfilter'],
}
# What others ask for that no name of a package says: the shell of their scripts, and dnf the release.
PROVIDES = {'bash': '/bin/sh', 'oraclelinux-release': 'system-release(releasever) = 10'}
UNUSED = ('/usr/share/doc/', '/usr/share/man/', '/usr/share/lintian/', '/usr/share/locale/')


def run(*command, **options):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, **options).stdout


def names():
    """RPMs with the packages of Debian that each wraps, and the names of what a bare host has."""
    wrapped = {}
    installed = []
    for line in (here / 'rpms.txt').read_text().splitlines():
        if line and not line.startswith('#'):
            name, packages = line.split(':')
            if name == 'installed':
                installed = packages.split()
            else:
                wrapped[name] = packages.split()
    return wrapped, installed


def files_of(package):
    """In their real places: /lib is /usr/lib."""
    found = set()
    for line in run('dpkg', '--listfiles', package).splitlines():
        path = pathlib.Path(line)
        if line.startswith(UNUSED) or not (path.is_symlink() or path.is_file()):
            continue
        found.add(str(path.parent.resolve() / path.name))
    return sorted(found)


def orphans(packages):
    """What only these packages need."""
    lines = run('apt-get', '--simulate', '--auto-remove', 'remove', *packages).splitlines()
    removed = {line.split()[1].split(':')[0] for line in lines if line.startswith('Remv ')}
    return sorted(removed - set(packages))


def script(files):
    """What an RPM does once its files are there, with the labels that rpm gives them."""
    if files:
        yield '%post'
    made = [file for file in files if '/tmpfiles.d/' in file]
    if made:
        yield 'systemd-tmpfiles --create ' + ' '.join(made)
    if any('/systemd/system/' in file for file in files):
        yield 'systemctl daemon-reload'
    release = next((file.split('/')[4] for file in files if file.startswith('/usr/lib/modules/')), None)
    if release:
        yield f'depmod {release}'


def rpm(name, files, folder, requires=()):
    spec = pathlib.Path(f'/tmp/{name}.spec')
    listed = pathlib.Path(f'/tmp/{name}.files')
    listed.write_text(''.join(f'{file}\n' for file in files))
    lines = [
        f'Name: {name}\nVersion: 1\nRelease: 1.lab\nSummary: {name} of the lab\nLicense: none\nAutoReqProv: no',
        *[f'Requires: {required}' for required in requires],
        *[f'Provides: {provided}' for provided in [PROVIDES.get(name)] if provided],
        f'%description\n{name} of the lab.\n%install',
        f'mkdir -p "%{{buildroot}}" && xargs -rd "\\n" cp -a --parents -t "%{{buildroot}}" <{listed}',
        '%files',
        *[('%config(noreplace) ' if f.startswith('/etc/') else '') + f'"{f}"' for f in files],
        *script(files),
    ]
    spec.write_text('\n'.join(lines) + '\n')
    define = {
        '_build_id_links': 'none',
        '_buildhost': 'lab',
        '__os_install_post': '%{nil}',
        '_rpmdir': str(folder),
        '_binary_payload': 'w3.zstdio',
    }
    options = [word for key, value in define.items() for word in ('--define', f'{key} {value}')]
    subprocess.run(['rpmbuild', '-bb', '--quiet', *options, str(spec)], check=True)
    spec.unlink()
    listed.unlink()


def take_off(files):
    for file in files:
        pathlib.Path(file).unlink(missing_ok=True)


def module_files(module):
    return [str(file) for file in pathlib.Path('/usr/lib/modules').glob(f'*/kernel/**/{module}.ko*')]


def modules():
    """Those of the kernel, and the same names for a kernel that is not there."""
    for name, contents in MODULES.items():
        files = [file for module in contents for file in module_files(module)]
        rpm(name, files, repository / 'modules')
        newer = []
        for file in files:
            release = file.split('/')[4]
            path = pathlib.Path(file.replace(release, '99.0.0-lab'))
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, path)
            newer.append(str(path))
        rpm(name, newer, repository / 'newer')
        take_off(files)
    shutil.rmtree('/usr/lib/modules/99.0.0-lab')
    for release in pathlib.Path('/usr/lib/modules').iterdir():
        run('depmod', release.name)


def main():
    wrapped, installed = names()
    contents = {name: [f for p in packages for f in files_of(p)] for name, packages in wrapped.items()}
    libraries = [f for p in orphans([p for packages in wrapped.values() for p in packages]) for f in files_of(p)]
    rpm(LIBRARIES, libraries, repository / 'system')
    for name, files in contents.items():
        rpm(name, files, repository / 'system', [LIBRARIES] if files else [])
    bare = pathlib.Path('/tmp/bare')
    for name in installed:
        rpm(name, [], bare)
    run('rpm', '--install', '--nodeps', '--noscripts', *[str(file) for file in bare.glob('**/*.rpm')])
    shutil.rmtree(bare)
    for files in [libraries, *contents.values()]:
        take_off(files)
    modules()
    for folder in repository.iterdir():
        run('createrepo_c', '--quiet', str(folder))
    # Debian turns services on that it installs.
    for link in pathlib.Path('/etc/systemd').glob('**/*'):
        if link.is_symlink() and not link.exists():
            link.unlink()


main()
