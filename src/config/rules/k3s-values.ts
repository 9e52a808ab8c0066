import { argumentOf } from '../cis';
import type { Draft } from '../draft';
import { ownedKeys } from '../k3s-keys';
import type { KnownSettings } from '../known-setting';
import { k3sServer } from '../known-settings/k3s';
import { k3sAgent } from '../known-settings/k3s-agent';
import { kubeApiserver } from '../known-settings/kube-apiserver';
import { kubeControllerManager } from '../known-settings/kube-controller-manager';
import { kubeProxy } from '../known-settings/kube-proxy';
import { kubeScheduler } from '../known-settings/kube-scheduler';
import { kubelet } from '../known-settings/kubelet';
import type { Path } from '../path';
import { quote, quoteAll } from '../quote';
import { didYouMean } from '../suggest';
import { extraConfigs } from './k3s';
import type { Finding, Plain, Written } from './rule';
import { isBooleanWord } from './scalars';

const keys: KnownSettings = { ...k3sAgent, ...k3sServer };

/** How Go reads truth (`strconv.ParseBool`). */
const truth = /^(1|t|T|true|TRUE|True|0|f|F|false|FALSE|False)$/;

/** k3s exits on a value of the wrong type, after the running one has been stopped. */
export function* k3sValuesFit(config: Draft, _: Written, plain: Plain): Iterable<Finding> {
  for (const { path: root, values } of extraConfigs(config)) {
    for (const [key, value] of Object.entries(values)) {
      const setting = Object.hasOwn(keys, key) && !Object.hasOwn(ownedKeys, key) ? keys[key] : undefined;
      const path = [...root, key];
      if (setting === undefined || value === undefined) continue;
      const list = [value].flat();
      if (setting.type !== 'list' && list.length !== 1) {
        yield {
          path,
          message: `${quote(key)} takes one value, and this is a list of ${list.length}: write one`,
        };
        continue;
      }
      const [only] = list;
      if (setting.type === 'bool') {
        // YAML 1.1's booleans are reported as such.
        if (truth.test(String(only)) || (isBooleanWord(String(only)) && plain(path) !== undefined)) continue;
        yield {
          path,
          message: `${quote(key)} is true or false, and this is ${quote(String(only))}: write one of these`,
        };
      } else if (setting.type === 'text' && typeof only === 'boolean') {
        yield {
          path,
          message: `${quote(key)} takes a text, and this is ${only}: write one, or delete the line`,
        };
      } else if (setting.values && !setting.values.includes(String(only))) {
        yield { path, severity: 'warning', ...notListed(key, String(only), setting.values) };
      }
    }
  }
}

/** Only warns: a later release may accept more. */
export function notListed(
  key: string,
  value: string,
  values: readonly string[],
): Pick<Finding, 'message' | 'hint'> {
  return {
    message: `${quote(value)} is nothing that ${quote(key)} is known to take: write ${quoteAll(values, 'or')}`,
    ...didYouMean(value, values),
  };
}

const components: Readonly<Record<string, readonly [name: string, flags: KnownSettings]>> = {
  'kube-apiserver-arg': ['kube-apiserver', kubeApiserver],
  'kube-controller-arg': ['kube-controller-manager', kubeControllerManager],
  'kube-controller-manager-arg': ['kube-controller-manager', kubeControllerManager],
  'kube-proxy-arg': ['kube-proxy', kubeProxy],
  'kube-scheduler-arg': ['kube-scheduler', kubeScheduler],
  'kubelet-arg': ['the kubelet', kubelet],
};

/** A component exits on an argument that it does not know or cannot parse, and k3s with it. */
export function* argumentsFit(config: Draft): Iterable<Finding> {
  for (const { path: root, values } of extraConfigs(config)) {
    for (const [key, [component, flags]] of Object.entries(components)) {
      const value = values[key];
      for (const [n, argument] of value === undefined ? [] : [value].flat().entries()) {
        const path: Path = [...root, key, ...(Array.isArray(value) ? [n] : [])];
        const finding = argumentProblem(String(argument), component, flags);
        if (finding) yield { path, ...finding };
      }
    }
  }
}

const forms: Readonly<Record<string, readonly [form: RegExp, example: string]>> = {
  bool: [truth, 'true or false'],
  int: [/^[-+]?\d+$/, 'a whole number'],
  number: [/^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/, 'a number'],
  duration: [
    /^[-+]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+)$/,
    'a time with its unit, such as 30s or 1h30m',
  ],
};

function argumentProblem(
  text: string,
  component: string,
  flags: KnownSettings,
): Pick<Finding, 'message' | 'hint' | 'severity'> | undefined {
  const argument = argumentOf(text);
  const name = argument.name.replace(/[+-]$/, '').replaceAll('_', '-');
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (flag === undefined) {
    return {
      severity: 'warning',
      message: `${component} has no argument ${quote(name)} that is known here, and k3s does not start with one that is not there`,
      ...didYouMean(name, Object.keys(flags)),
    };
  }
  const [form, example] = forms[flag.type] ?? [];
  if (!form || form.test(argument.value)) return undefined;
  return {
    message: `${quote(argument.value)} is not a valid value for ${quote(name)} of ${component}: write ${example}`,
  };
}
