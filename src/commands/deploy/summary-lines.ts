import type { Kubectl } from '../../kubectl/kubectl';
import { table } from '../table';

interface Service {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: { readonly type?: string; readonly ports?: readonly { readonly port: number }[] };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
}

interface Ingress {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: {
    readonly rules?: readonly { readonly host?: string }[];
    readonly tls?: readonly { readonly hosts?: readonly string[] }[];
  };
}

/** Where to point a browser: names of the ingress, and addresses of services. Empty when the API does not tell. */
export async function accessLines(kubectl: Kubectl): Promise<string[]> {
  try {
    const ingresses = await kubectl.list<Ingress>('ingresses', '-A', '--request-timeout=10s');
    const services = await kubectl.list<Service>('services', '-A', '--request-timeout=10s');
    return table([...ingresses.flatMap(ingressRows), ...services.flatMap(serviceRows)]).map(
      (line) => `  ${line}`,
    );
  } catch {
    return [];
  }
}

function ingressRows({ metadata: { namespace, name }, spec: { rules = [], tls = [] } }: Ingress): string[][] {
  const secure = new Set(tls.flatMap(({ hosts = [] }) => hosts));
  return rules.flatMap(({ host }) =>
    host === undefined
      ? []
      : [[`${secure.has(host) ? 'https' : 'http'}://${host}`, `ingress ${namespace}/${name}`]],
  );
}

function serviceRows({ metadata: { namespace, name }, spec, status }: Service): string[][] {
  if (spec.type !== 'LoadBalancer') return [];
  const ports = (spec.ports ?? []).map(({ port }) => port).join(', ');
  const addresses = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
  const address = addresses.length > 0 ? addresses.join(', ') : 'no address yet';
  return [[address, `service ${namespace}/${name}, port ${ports}`]];
}
