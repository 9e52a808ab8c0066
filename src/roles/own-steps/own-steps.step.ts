import { Construct } from 'constructs';
import { RemoteStep, type StepFiles } from '../../hosts/remote-step';
import { proxyEnv } from '../../model/proxy-env';
import { ownStepSecrets, tokenFile } from '../../model/secrets';
import type { Host, OwnStep, Topology } from '../../model/topology';
import { stepScripts } from '../lib/step-scripts';
import { saltedTrigger } from '../salted-trigger';
import { keptUninstaller, withLibraries } from './own-script';
import run from './own-step.sh';

/** Scripts of the user's own, on all hosts. */
export class OwnSteps {
  private readonly files = new Map<OwnStep, StepFiles>();
  private readonly made = new Map<string, RemoteStep>();

  constructor(
    private readonly scope: Construct,
    private readonly topology: Topology,
  ) {}

  /**
   * Adds those of a host that its roles wait for, and returns them.
   *
   * @param ours steps that they may come after
   */
  addFirst(host: Host, ours: readonly RemoteStep[]): RemoteStep[] {
    return host.steps.flatMap((step) => (step.beforeRoles ? this.add(host, step, ours) : []));
  }

  /**
   * Adds the others.
   *
   * @param all our steps on all hosts
   */
  addRest(all: readonly RemoteStep[]): void {
    for (const host of this.topology.hosts) {
      const rest = host.steps.filter(({ beforeRoles }) => !beforeRoles);
      if (rest.length === 0) continue;
      const ours = all.filter(({ description }) => description.host === host.name);
      for (const step of rest) this.add(host, step, ours);
    }
  }

  private add(host: Host, own: OwnStep, ours: readonly RemoteStep[]): RemoteStep {
    const { name, step, after, depth, secrets } = own;
    const { provisioner, proxy } = this.topology;
    const named = (wanted: string) => ours.find(({ description }) => description.step === wanted);
    const before = this.made.get(`${host.name} ${after}`) ?? named(after) ?? named('prepare');
    const folder = ownStepSecrets(own);
    const made = new RemoteStep(new Construct(this.scope, `${host.name}-${step}`), step, {
      host,
      provisioner,
      files: this.filesOf(own),
      env: { OWN_STEP: name, ORDER: Math.min(90 + depth, 99), ...proxyEnv(proxy) },
      ...(secrets.length > 0 && {
        upload: { folder, hashed: [], needed: secrets, remedy: 'write what is missing' },
        triggers: Object.fromEntries(
          secrets.map((secret) => [`${folder}/${secret}`, saltedTrigger(folder, secret, tokenFile)]),
        ),
      }),
      dependsOn: before ? [before] : [],
    });
    this.made.set(`${host.name} ${name}`, made);
    return made;
  }

  /** The same object for all hosts. */
  private filesOf(own: OwnStep): StepFiles {
    const known = this.files.get(own);
    if (known) return known;
    const scripts = {
      'run.sh': run,
      [`${own.step}.sh`]: withLibraries(own.script),
      [`uninstall-${own.name}.sh`]: keptUninstaller(own),
    };
    const made = { ...stepScripts(scripts), ...own.files };
    this.files.set(own, made);
    return made;
  }
}
