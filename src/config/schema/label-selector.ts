import * as z from 'zod';

const requirement = z
  .strictObject({
    key: z.string().min(1).describe('Name of the label.'),
    operator: z
      .enum(['In', 'NotIn', 'Exists', 'DoesNotExist'])
      .describe('`In` and `NotIn` compare with `values`; `Exists` and `DoesNotExist` look at the name only.'),
    values: z.array(z.string()).exactOptional().describe('Values of `In` and `NotIn`.'),
  })
  .describe('A condition on one label.');

/** Kubernetes' own way to pick objects by their labels. */
export const labelSelector = z
  .strictObject({
    matchLabels: z
      .record(z.string(), z.string())
      .exactOptional()
      .describe('Labels that have to be there with exactly these values.'),
    matchExpressions: z
      .array(requirement)
      .exactOptional()
      .describe('Conditions on labels; all of them have to hold.'),
  })
  .describe('Picks objects by their labels: every condition has to hold.');

export const toleration = z
  .strictObject({
    key: z.string().exactOptional().describe('Name of the taint. Without it, every taint.'),
    operator: z.enum(['Exists', 'Equal']).default('Equal').describe('How `value` is compared.'),
    value: z.string().exactOptional().describe('Value of the taint, for `Equal`.'),
    effect: z
      .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
      .exactOptional()
      .describe('Effect of the taint. Without it, every effect.'),
  })
  .describe('A taint of nodes that does not keep the pods away.');
