import type { RecordKind } from '../../src/model/records';
import { GuardedStack, programs, testGuard } from '../support/guarded-stack';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();

/** Two machines for data and a server, with the roles of the first two. */
const roles = (first: string, second: string) => `hosts:
  - { name: storage1, address: 192.168.10.10, roles: [${first}] }
  - { name: storage2, address: 192.168.10.20, roles: [${second}] }
  - { name: server1, address: 192.168.10.11, roles: [server] }
`;

/** A cluster whose data is on storage1 after an apply, by every program that is there. */
function running(memory: RecordKind): GuardedStack[] {
  return programs.map((program) => {
    const guarded = new GuardedStack(scratch(), program, memory).want(roles('database, nfs', 'agent'));
    expect(guarded.run('init').status).toBe(0);
    expect(guarded.run('apply')).toMatchObject({ status: 0 });
    return guarded;
  });
}

testGuard('a plan refuses a database that would begin empty, and says how the data comes along', () => {
  for (const guarded of running('database-hosts')) {
    expect(guarded.known).toBe('storage1');
    const { status, output } = guarded.want(roles('nfs', 'database')).run('plan');
    expect(status).toBe(1);
    expect(output).toContain(
      "The data of the role 'database' is on storage1, which does not have this role any more, and storage2 would begin with an empty database",
    );
    expect(output).toContain("'k3s-cdk restore'");
    expect(guarded.run('apply', { TF_VAR_leave_data: 'true' })).toMatchObject({ status: 0 });
    expect(guarded.known).toBe('storage2');
    expect(guarded.run('plan')).toMatchObject({ status: 0 });
  }
});

testGuard('an apply of a new database host alone, as restore names it, is recorded', () => {
  for (const guarded of running('database-hosts')) {
    const target = '-target=terraform_data.database_hosts';
    expect(
      guarded.want(roles('nfs', 'database')).run('apply', { TF_VAR_leave_data: 'true' }, target),
    ).toMatchObject({ status: 0 });
    expect(guarded.known).toBe('storage2');
    expect(guarded.run('apply')).toMatchObject({ status: 0 });
  }
});

testGuard('a second database host may come, and the first one leave once the second has the data', () => {
  for (const guarded of running('database-hosts')) {
    guarded.want(roles('database, nfs', 'database')).stepsFail(true);
    expect(guarded.run('apply').status).toBe(1);
    // What the second would have is not there yet.
    expect(guarded.known).toBe('storage1');
    guarded.stepsFail(false);
    expect(guarded.run('apply')).toMatchObject({ status: 0 });
    expect(guarded.want(roles('nfs', 'database')).run('apply')).toMatchObject({ status: 0 });
    expect(guarded.known).toBe('storage2');
  }
});

testGuard('a plan refuses an NFS server without the volumes; a cluster can always be taken down', () => {
  for (const guarded of running('nfs-hosts')) {
    const { status, output } = guarded.want(roles('database', 'nfs')).run('plan');
    expect(status).toBe(1);
    expect(output).toContain(
      "The data of the role 'nfs' is on storage1, which does not have this role any more, and storage2 has none of the volumes",
    );
    expect(guarded.run('destroy')).toMatchObject({ status: 0 });
    expect(guarded.known).toBeUndefined();
  }
});
