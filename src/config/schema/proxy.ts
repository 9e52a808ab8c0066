import * as z from 'zod';

const proxyUrl = z.string().regex(/^https?:\/\/([A-Za-z0-9][\w.-]*|\[[\dA-Fa-f:.]+\])(:\d{1,5})?\/?$/, {
  error: (issue) =>
    `'${issue.input}' is not the address of a proxy: write it like http://proxy.example.net:3128, without a user or password`,
});

export const proxy = z
  .strictObject({
    http: proxyUrl.optional().describe('Proxy for http:// addresses.'),
    https: proxyUrl.optional().describe('Proxy for https:// addresses. Default: the same as `http`.'),
    noProxy: z
      .array(
        z.string().regex(/^[\w.*:[\]/-]+$/, {
          error: (issue) =>
            `'${issue.input}' is not a name, domain or network: write it like .example.net or 10.0.0.0/8`,
        }),
      )
      .default([])
      .describe(
        "Names, domains and networks to reach directly, besides the cluster's own hosts, pods and services.",
      ),
  })
  .describe('How hosts reach the internet: packages, images and releases come through it.');
