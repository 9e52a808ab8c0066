import { isScript, type SynthesizedStep } from '../model/host-step';
import { isOwnStep } from '../model/own-steps';

/**
 * Where the files that hosts share stand: each text once. Scripts go by their name, the one that a step runs by the
 * step's; other files by step and name, and by the first host that has them if they differ between hosts.
 */
export class SharedFiles {
  /** Texts by path. */
  readonly texts = new Map<string, string>();
  private readonly places = new Map<string, string>();
  private readonly ids = new Map<SynthesizedStep['shared'], number>();
  private readonly known = new Map<SynthesizedStep['shared'], Map<string, string>>();

  constructor(steps: readonly SynthesizedStep[]) {
    const differing = new Map<string, Map<string, string>>();
    const first = steps.filter(({ shared }) => {
      if (this.known.has(shared)) return false;
      this.known.set(shared, new Map());
      this.ids.set(shared, this.ids.size);
      return true;
    });
    for (const { step, host, shared, reviewed } of first)
      for (const [name, text] of Object.entries({ ...shared, ...reviewed })) {
        const hosts = differing.get(`${step}/${name}`) ?? new Map<string, string>();
        if (!hosts.has(text)) hosts.set(text, host);
        differing.set(`${step}/${name}`, hosts);
      }
    for (const { step, shared, reviewed } of first)
      for (const [name, text] of Object.entries({ ...shared, ...reviewed })) {
        const hosts = differing.get(`${step}/${name}`);
        const folder = hosts && hosts.size > 1 ? `${step}/${hosts.get(text)}` : step;
        const path = isScript(name) ? this.scriptPath(step, name, text) : `files/${folder}/${name}`;
        this.known.get(shared)?.set(name, this.place(name, text, path));
      }
  }

  /** Paths of what a step brings, by the names that its files have on the host; libraries of scripts are left out. */
  pathsOf({ shared }: SynthesizedStep): ReadonlyMap<string, string> {
    return this.known.get(shared) ?? new Map();
  }

  /** The same number for steps that bring the same files. */
  idOf({ shared }: SynthesizedStep): number | undefined {
    return this.ids.get(shared);
  }

  /** The same text of another step stands where it is. */
  private place(name: string, text: string, path: string): string {
    const key = `${isScript(name) ? '' : name}\0${text}`;
    const place = this.places.get(key) ?? path;
    this.places.set(key, place);
    this.texts.set(place, text);
    return place;
  }

  private scriptPath(step: string, name: string, text: string): string {
    // The user's own steps are run by one script.
    const plain = `scripts/${name !== 'run.sh' ? name : isOwnStep(step) ? 'own-step.sh' : `${step}.sh`}`;
    const taken = this.texts.get(plain);
    return taken === undefined || taken === text ? plain : `scripts/${step}-${name}`;
  }
}
