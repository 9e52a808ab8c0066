import { diagramMermaid } from '../../src/diagram/mermaid';
import { diagramSvg } from '../../src/diagram/svg';
import { examples, topologyOf } from '../support/examples';
import { topologyWith } from '../support/topology';

test.each(examples)(
  '%s: every link is between things that are declared, and every block is closed',
  (_, file) => {
    const text = diagramMermaid(topologyOf(file));
    const declared = new Set([...text.matchAll(/^ *(?:subgraph )?(\w+)[[(]/gm)].map(([, id]) => id));
    const links = text.split('\n').filter((line) => line.includes('-->'));
    const linked = links.flatMap((line) =>
      line
        .replace(/-- "[^"]*" -->/g, '-->')
        .trim()
        .split(' --> '),
    );
    expect(linked.filter((id) => !declared.has(id))).toEqual([]);
    expect(text.match(/^ *subgraph /gm)).toHaveLength(text.match(/^ *end$/gm)?.length ?? 0);
  },
);

test('both load balancers are there', () => {
  const topology = topologyWith(
    'metallb: { serviceLB: true, loadBalancerClass: example.net/metallb, pools: [{ name: lan, addresses: [192.168.10.200/29] }] }',
  );
  expect(diagramMermaid(topology)).toContain(
    '<br/>lan: 192.168.10.200/29<br/>announced by ARP in the LAN<br/>services without a class: ServiceLB, at the nodes"]',
  );
  expect(diagramSvg(topology)).toContain('>services without a class: ServiceLB,');
});

test('the flowchart of the smallest example', () => {
  expect(diagramMermaid(topologyOf('examples/single-board.yaml'))).toMatchInlineSnapshot(`
"flowchart TB
  callers(["kubectl, CI, you"])
  clients(["clients in your network"])
  services["MetalLB: LoadBalancer services<br/>lan: 192.168.1.200–192.168.1.210<br/>announced by ARP in the LAN"]
  subgraph nodes["Nodes"]
    subgraph servers["Control plane"]
      servers0["board1<br/>192.168.1.50<br/>k3s server :6443<br/>Postgres :5432 (from servers: TLS, client certificate)<br/>NFS :2049 (from all nodes: NFSv4)"]
    end
  end
  callers -- ":6443" --> servers
  clients --> services --> nodes
"
`);
});
