import { ownStepSecrets } from '../../model/secrets';
import type { Role } from '../role';

/** Hosts that run scripts of the user's own. */
export const ownSteps: Role = {
  name: 'own-steps',
  isOn: ({ steps }) => steps.length > 0,
  effects: (_, { steps }) =>
    steps.map((own) => ({
      step: own.step,
      of: ['script', 'config', ...own.secrets.map((name) => `${ownStepSecrets(own)}/${name}`)],
      called: ['its script', ...Object.keys(own.files), ...own.secrets].join(', '),
      does: `your ${own.run} runs again, as root`,
    })),
};
