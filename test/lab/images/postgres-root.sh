#!/bin/sh
# What the image has that the packages do not bring. Argument: the root.
set -eu
root=$1

install -m 0755 "$(dirname "$0")/docker-entrypoint.sh" "$root/usr/local/bin/docker-entrypoint.sh"
mkdir -p "$root/docker-entrypoint-initdb.d"
install -d -o 999 -g 999 -m 0700 "$root/var/lib/postgresql/data"
# /var/run is a link to /run, which out here is the machine's.
install -d -o 999 -g 999 -m 3777 "$root/run/postgresql"
# The packages make a cluster of their own; the image's is made by its entry point.
rm -rf "$root"/var/lib/postgresql/17 "$root"/etc/postgresql/17
# Half of the size is for compiling queries, for Perl and for languages.
lib=$(dirname "$root"/usr/lib/*/libpq.so.5)
rm -rf "$lib"/libLLVM* "$lib"/libz3* "$lib"/perl "$lib"/libperl* "$lib"/gconv "$root"/usr/lib/postgresql/17/lib/llvmjit*
rm -rf "$root"/usr/lib/postgresql/17/lib/bitcode "$root"/usr/share/perl "$root"/usr/share/locale/* "$root"/usr/share/i18n
rm -rf "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/*
sed -i "s/^#\?listen_addresses = .*/listen_addresses = '*'/" "$root/usr/share/postgresql/17/postgresql.conf.sample"
