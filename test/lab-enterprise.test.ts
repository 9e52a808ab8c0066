import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readDenial } from './lab/support/selinux';
import { writeSetup } from './lab/vm/setup';
import { scratchFolders } from './support/scratch';

const scratch = scratchFolders();

test('a host that is to be Enterprise Linux has its network from NetworkManager, in a file of root alone', () => {
  const folder = scratch();
  mkdirSync(join(folder, 'identity'));
  const own = join(folder, 'setup');
  writeSetup(
    own,
    { name: 'el1', addresses: ['10.9.0.11/24', 'fd00::11/64'], system: 'el' },
    {
      identity: join(folder, 'identity'),
      macAddress: '02:00:00:00:00:01',
      routes: ['10.9.0.11/24 10.9.0.254', 'fd00::11/64 fd00::fffe'],
    },
  );
  const file = join(own, 'identity/etc/NetworkManager/system-connections/lab.nmconnection');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const text = readFileSync(file, 'utf8');
  expect(text).toContain('[ipv4]\nmethod=manual\naddress1=10.9.0.11/24,10.9.0.254\n');
  expect(text).toContain('[ipv6]\nmethod=manual\naddress1=fd00::11/64,fd00::fffe\n');
});

test('a denial is read as who may not do what, from the kernel and from D-Bus', () => {
  const kernel =
    'type=AVC msg=audit(1.2:3): avc:  denied  { search } for  pid=7 comm="journalctl" name="log" dev="vda" ino=9 scontext=system_u:system_r:systemd_journal_init_t:s0 tcontext=system_u:object_r:var_log_t:s0 tclass=dir permissive=0';
  expect(readDenial(kernel)).toBe('journalctl: systemd_journal_init_t → var_log_t { dir search }');
  const bus =
    'type=USER_AVC msg=audit(1.2:3): pid=9 subj=system_u:system_r:system_dbusd_t:s0 msg=\'avc:  denied  { send_msg } for dest=:1.5 spid=3 scontext=system_u:system_r:firewalld_t:s0 tcontext=system_u:system_r:initrc_t:s0 tclass=dbus permissive=0 exe="/usr/bin/dbus-daemon"\'';
  expect(readDenial(bus)).toBe('/usr/bin/dbus-daemon: firewalld_t → initrc_t { dbus send_msg }');
  expect(readDenial('type=SERVICE_START msg=audit(1.2:3): pid=1')).toBeUndefined();
});
