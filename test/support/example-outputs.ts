import { type Outputs, synth } from '../../src/synth';
import { topologyOf } from './examples';

const made = new Map<string, Outputs>();

/** Both outputs of a file, made once per test file. */
export function outputsOf(file: string): Outputs {
  const outputs = made.get(file) ?? synth(topologyOf(file));
  made.set(file, outputs);
  return outputs;
}
