import { silentWebhooks } from '../../src/kubectl/silent-webhooks';

const patch = (webhook: string) => `Error from server (InternalError): error when applying patch:
{"metadata":{}}
for: "dist/10.yaml": error when patching "dist/10.yaml": Internal error occurred: failed calling webhook "${webhook}": failed to call webhook: Post "https://x": context deadline exceeded`;
const create =
  'Error from server (InternalError): error when creating "dist/10.yaml": Internal error occurred: failed calling webhook "a.example": connection refused';

test('webhooks that do not answer are named once each, when there is no other reason', () => {
  expect(silentWebhooks([patch('a.example'), create, patch('b.example')].join('\n'))).toEqual([
    'a.example',
    'b.example',
  ]);
});

test.each([
  ['nothing but a warning', 'Warning: deprecated'],
  ['an invalid object', `${create}\nThe Service "x" is invalid: spec.ports: Required value`],
  [
    'what a webhook refuses',
    'Error from server (Forbidden): admission webhook "a.example" denied the request: no',
  ],
  ['another reason beside', `${create}\nerror: unable to recognize "x"`],
])('%s is nothing to wait for', (_, stderr) => {
  expect(silentWebhooks(stderr)).toEqual([]);
});
