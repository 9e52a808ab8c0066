import * as z from 'zod';

const proxyUrl = z.string().regex(/^https?:\/\/[A-Za-z0-9.:[\]-]+\/?$/, {
  error: (issue) =>
    `'${issue.input}' is not a proxy: write a URL like http://proxy.example.net:3128, without credentials`,
});

export const proxy = z
  .strictObject({
    http: proxyUrl.optional().describe('Proxy for http:// addresses.'),
    https: proxyUrl.optional().describe('Proxy for https:// addresses. Default: the one for http.'),
    except: z
      .array(
        z
          .string()
          .regex(/^[^\s,']+$/, { error: (issue) => `'${issue.input}' is not a name, address or network` }),
      )
      .default([])
      .describe('Names, domains, addresses and networks to reach directly, besides those of the cluster.'),
  })
  .describe('How hosts reach the internet: for downloads and images.');
