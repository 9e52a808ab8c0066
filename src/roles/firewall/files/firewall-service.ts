/** Unit that puts our rules back whenever the owner's nftables rules are loaded. */
export const firewallService = `[Unit]
Description=Rules of the k3s cluster in the tables of nftables.service
After=nftables.service
PartOf=nftables.service
ReloadPropagatedFrom=nftables.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/libexec/k3s-cdk/nftables.sh apply
ExecReload=/usr/local/libexec/k3s-cdk/nftables.sh apply
ExecStop=/usr/local/libexec/k3s-cdk/nftables.sh remove

[Install]
WantedBy=nftables.service
`;
