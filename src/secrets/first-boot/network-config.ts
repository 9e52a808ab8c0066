import { familyOf, prefixLength } from '../../net/address';

export interface FirstBootNetwork {
  /** Each with the subnet that it is in. */
  readonly addresses: readonly { readonly address: string; readonly subnet: string }[];
  readonly gateway: string;
  readonly nameservers: readonly string[];
}

/** cloud-init's network-config, version 2, which netplan reads too: fixed addresses on the wired interface. */
export function networkConfig({ addresses, gateway, nameservers }: FirstBootNetwork): string {
  const list = addresses.map(({ address, subnet }) => `"${address}/${prefixLength(subnet)}"`);
  return `# Written by 'k3s-cdk init --first-boot', and written again by the next one.
network:
  version: 2
  ethernets:
    lan:
      # Any wired interface. On a machine with several, name the one to use.
      match: { name: "e*" }
      dhcp4: false
      addresses: [${list.join(', ')}]
      routes: [{ to: "${familyOf(gateway) === 6 ? '::/0' : '0.0.0.0/0'}", via: "${gateway}" }]
      nameservers: { addresses: [${nameservers.map((each) => `"${each}"`).join(', ')}] }
      # The first boot waits for it.
      optional: false
`;
}
