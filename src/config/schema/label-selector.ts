import * as z from 'zod';

/** `name` or `prefix/name` (Kubernetes: Labels and Selectors); keys of taints are the same. */
export const labelKeyPattern =
  /^(?![^/]{254})([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
export const labelKeyForm = "letters, digits, '-', '_' and '.', at most 63, after an optional 'example.org/'";
export const labelValuePattern = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

const labelKey = z.string().regex(labelKeyPattern, {
  error: (issue) => `'${issue.input}' is not a valid label key: use ${labelKeyForm}`,
});
const labelValue = z.string().regex(labelValuePattern, {
  error: (issue) =>
    `'${issue.input}' is not a valid label value: use at most 63 letters, digits, '-', '_' and '.', a letter or digit first and last`,
});

export const labels = z.record(labelKey, labelValue);

const requirement = z
  .strictObject({
    key: labelKey.describe('Name of the label.'),
    operator: z
      .enum(['In', 'NotIn', 'Exists', 'DoesNotExist'])
      .describe('`In` and `NotIn` compare with `values`; `Exists` and `DoesNotExist` check only the name.'),
    values: z.array(labelValue).exactOptional().describe('Values of `In` and `NotIn`.'),
  })
  .describe('A condition on one label.');

/** Kubernetes' own way to pick objects by their labels. */
export const labelSelector = z
  .strictObject({
    matchLabels: labels.exactOptional().describe('Labels that have to be there with exactly these values.'),
    matchExpressions: z
      .array(requirement)
      .exactOptional()
      .describe('Conditions on labels; all of them have to hold.'),
  })
  .describe('Picks objects by their labels: every condition has to hold.');

export const toleration = z
  .strictObject({
    key: labelKey.exactOptional().describe('Name of the taint. Without it, every taint.'),
    operator: z.enum(['Exists', 'Equal']).default('Equal').describe('How `value` is compared.'),
    value: labelValue.exactOptional().describe('Value of the taint, for `Equal`.'),
    effect: z
      .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
      .exactOptional()
      .describe('Effect of the taint. Without it, every effect.'),
  })
  .describe('A taint of nodes that does not keep the pods away.');
