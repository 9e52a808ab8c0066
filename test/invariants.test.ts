import { homedir, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputsOf } from './support/example-outputs';
import { examples } from './support/examples';

/** What may be evaluated by Terraform; every other `${` or `%{` in the output is text and must be escaped. */
const allowed = [
  /^\$\{path\.module\}/,
  /^\$\{file\(pathexpand\("[^"]*"\)\)\}/,
  /^\$\{try\(filesha256\("\$\{path\.module\}\/\.\.\/\.\.\/\.\.\/[\w./-]+"\), "missing"\)\}/,
  /^\$\{(fileexists\("\$\{path\.module\}\/\.\.\/\.\.\/\.\.\/[\w./-]+"\)( && |\}))+/,
  // Files of steps, which hosts share.
  /^\$\{file\("\$\{path\.module\}\/steps\/[\w./-]+"\)\}END_OF_K3S_CDK_FILE/,
  /^\$\{local\.step_files\["[\w.-]+"\]\}$/,
  /^\$\{local\.(step_folder|confirm_runs)\}$/,
  // What a member of the cluster was when it joined, for its removal.
  /^\$\{(each\.value|local\.members)\}/,
  /^\$\{self\.input\.(node|name)\}/,
  /^\$\{can\(self\.input\.[\w.[\]]+\) \? (file\()?pathexpand\(self\.input\.[\w.[\]]+\)+ : null\}/,
  /^\$\{!can\(self\.input\.[\w.[\]]+private_key\) \|\| can\(self\.input\.[\w.[\]]+agent_key\)\}/,
  /^\$\{try\(self\.input\.[\w.[\]]+, null\)\}/,
  // Registries may hold a password: hashed with the token, so that it cannot be guessed from the state.
  /^\$\{fileexists\("[^"]*\/(registries\.yaml|datastore-password)"\) \? sha256\("\$\{file\("[^"]*\/token"\)\}\$\{file\("[^"]*\/(registries\.yaml|datastore-password)"\)\}"\) : "none"\}/,
  /^\$\{file\("\$\{path\.module\}\/\.\.\/\.\.\/\.\.\/secrets\/[\w./-]+\/(token|registries\.yaml|datastore-password)"\)\}/,
  // What was applied last, as the variable has it, or a file of older versions.
  /^\$\{var\.last_applied != "" \? try\(regex\("[^"]+", try\(local\.last_applied\.(k3s_version|(database|nfs)_hosts|host_machines|fixed_settings)\.value, ""\)\), null\) : fileexists\("\$\{path\.module\}\/\.\.\/\.\.\/\.\.\/[\w-]+\.tfstate\.[\w-]+"\) \? try\(regex\("[^"]+", trimspace\(file\("[^"]+"\)\)\), null\) : ""\}/,
  /^\$\{try\(jsondecode\(var\.last_applied\), \{\}\)\}$/,
  /^\$\{var\.last_applied == "" \|\| can\(keys\(jsondecode\(var\.last_applied\)\)\)\}$/,
  /^\$\{var\.last_applied != "" \|\| !contains\(local\.applied_before, "cluster"\) \|\| contains\(local\.applied_before, "\w+"\)\}$/,
  /^\$\{\[for name, each in terraform_data\.applied : name if each\.input != plantimestamp\(\)\]\}$/,
  /^\$\{toset\(\["cluster", "[0-9a-f]{12}"\]\)\}$/,
  /^\$\{plantimestamp\(\)\}$/,
  /^\$\{terraform_data\.\w+\.output\}$/,
  /^\$\{keys\(terraform_data\.applied\)\}$/,
  // Runs of steps, as the state knows them.
  /^\$\{self\.id\}( [\w.-]+)?$/,
  /^\$\{(null_resource|terraform_data)\.[\w-]+(\[0\])?\.id\}($|'$| [\w-]+=)/,
  /^\$\{join\(" ", \[for step, run in self\.triggers_replace : "\$\{step\}=\$\{run\}"\]\)\}'$/,
  /^\$\{(step|run)\}[="]/,
  /^\$\{local\.\w+_note (!= null|== null \? "" : local\.\w+_note)\}/,
  /^\$\{try\(regex\("[^"]*", local\.k3s_version_last\), \["0", "0", "0", "0"\]\)\}/,
  /^\$\{[()*+\d ]*(tonumber\(local\.k3s_last_parts\[\d\]\)[()*+\d ]*)+\}/,
  /^\$\{local\.k3s_version_last\}/,
  /^\$\{var\.any_k3s_version( \|\| [\w.<=+"| ]+)?\}/,
  /^\$\{var\.leave_data( \|\| local\.\w+ == "" \|\| length\(setintersection\(split\(" ", local\.\w+\), \["[\w",-]+\]\)\) > 0)?\}/,
  // Hosts whose key is not known, and what lets Terraform talk to them all the same.
  /^\$\{local\.no_host_key\}/,
  /^\$\{var\.any_host_key( \? null : "[^"]+")?\}/,
  /^\$\{join\(" and ", split\(" ", local\.\w+\)\)\}/,
  // Which machine each host was, and hosts that would trade theirs.
  /^\$\{\{ for each in \[for each in compact\(split\(" ", local\.host_machines_last\)\) : split\("=", each\)\] : each\[\d\] => each\[\d\](\.\.\.)? \}\}$/,
  /^\$\{\[for name, machine in local\.machines_now : [^']*\]\}$/,
  /^\$\{name\} the one of \$\{join\([^']*$/,
  /^\$\{join\(" and ", \[for other in [^']*$/,
  /^\$\{length\(local\.traded_machines\) == 0\}$/,
  /^\$\{join\(", ", local\.traded_machines\)\}/,
  // What a running cluster keeps, its name among it.
  /^\$\{\{ for pair in regexall\("[^"]+", local\.fixed_settings_last\) : pair\[0\] => pair\[1\] \}\}/,
  /^\$\{(var\.(change_fixed_settings|leave_data) \|\| )?lookup\(local\.fixed_settings_before, "[\w.-]+", "[^"$]*"\)( == "[^"$]*")?\}/,
  // States beside cluster.yaml that are not this one.
  /^\$\{\[for each in fileset\("\$\{path\.module\}\/\.\.\/\.\.\/\.\.", "\*\.tfstate"\) : (each|trimsuffix\(each, "\.tfstate"\)) if each != "[^"]*" && try\(length\(jsondecode\(file\("\$\{path\.module\}\/\.\.\/\.\.\/\.\.\/\$\{each\}"\)\)\.resources\) > 0, true\)\]\}$/,
  /^\$\{each\}"\)\)\.resources\)/,
  /^\$\{length\(local\.forgotten_states\) == 0\}$/,
  /^\$\{join\(" and ", local\.forgotten_states\)\}/,
  // Hashes of the tokens that the operator has, which are in no resource.
  /^\$\{join\(",", \[for line in concat\((split\("\\n", try\(file\("\$\{path\.module\}\/\.\.\/\.\.\/\.\.\/secrets\/k3s-token(\.previous)?"\), ""\)\)(, )?)+\) : substr\(sha256\(replace\(/,
  // Whether a secret of a user's step has changed, by a hash that a random token is part of.
  /^\$\{fileexists\("\$\{path\.module\}\/\.\.\/\.\.\/\.\.\/secrets\/steps\/[\w/-]+"\) \? sha256\("\$\{file\("\$\{path\.module\}\/\.\.\/\.\.\/\.\.\/secrets\/k3s-token"\)\}\$\{file\(/,
  /^\$\{file\("\$\{path\.module\}\/\.\.\/\.\.\/\.\.\/secrets\/(k3s-token"\)\}\$\{file|steps\/[\w/-]+"\)\}"\) : "none"\}$)/,
  // Hosts that are off.
  /^\$\{contains\(var\.deferred, "[\w-]+"\) \? 0 : 1\}$/,
  /^\$\{join\(" ", var\.deferred\)\}$/,
  // Parameters that are no triggers, each as one word of a shell; the operator's clock is compared with the host's.
  /^\$\{replace\(((plan)?timestamp\(\)|true|false|\d+|local\.(k3s_version_last|known_tokens|agent_machines)|var\.\w+), "\/\[\^ -&\(-~\]\/", ""\)\}/,
];

test.each(examples)('every template in the Terraform configuration of %s is meant', (_, file) => {
  const text = outputsOf(file).hosts.get('stacks/hosts/cdk.tf.json') ?? '';
  const strings: string[] = [];
  JSON.parse(text, (_key, value) => {
    if (typeof value === 'string') strings.push(value);
    return value;
  });
  const unknown = strings.flatMap((value) =>
    [...value.matchAll(/[$%]+\{/g)]
      .filter(([sign]) => sign.length % 2 === 0)
      .map(({ index }) => value.slice(index))
      .filter((template) => !allowed.some((pattern) => pattern.test(template))),
  );
  expect(unknown).toEqual([]);
});

test.each(examples)('no output of %s reveals where or by whom it was made', (_, file) => {
  const { hosts, cluster, text } = outputsOf(file);
  const traces = [process.cwd(), homedir(), join(tmpdir(), 'k3s-cdk-'), hostname()].filter(
    (trace) => trace.length > 3,
  );
  const found = [...hosts, ...cluster, ...text]
    .filter(([path]) => !path.endsWith('.sh'))
    .flatMap(([path, text]) =>
      traces.filter((trace) => text.includes(trace)).map((trace) => `${path}: ${trace}`),
    );
  expect(found).toEqual([]);
});

test.each(examples)(
  'every file of %s ends with a newline and has no trailing blanks or carriage returns',
  (_, file) => {
    const { hosts, cluster, text } = outputsOf(file);
    const found = [...hosts, ...cluster, ...text].filter(
      ([, text]) => !text.endsWith('\n') || /[ \t\r]\n/.test(text),
    );
    expect(found.map(([path]) => path)).toEqual([]);
  },
);
