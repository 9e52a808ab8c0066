import * as addons from './rules/addons';
import * as api from './rules/api';
import * as backup from './rules/backup';
import * as bgp from './rules/bgp';
import * as announced from './rules/bgp-advertisements';
import * as communities from './rules/bgp-communities';
import * as peers from './rules/bgp-peers';
import * as database from './rules/database';
import * as external from './rules/external-database';
import * as families from './rules/families';
import * as hardening from './rules/hardening';
import * as images from './rules/images';
import * as ingress from './rules/ingress';
import * as k3s from './rules/k3s';
import * as k3sNetwork from './rules/k3s-network';
import * as k3sSecrets from './rules/k3s-secrets';
import * as k3sValues from './rules/k3s-values';
import * as selectors from './rules/label-selectors';
import * as labels from './rules/labels';
import * as metallb from './rules/metallb';
import * as networks from './rules/networks';
import * as nfs from './rules/nfs';
import * as nodeSelectors from './rules/node-selectors';
import * as patches from './rules/patches';
import * as neighbours from './rules/pool-neighbours';
import * as subnets from './rules/pool-subnets';
import * as pools from './rules/pools';
import * as postgresSettings from './rules/postgres-settings';
import * as roles from './rules/roles';
import type { Rule } from './rules/rule';
import * as scalars from './rules/scalars';
import * as speaker from './rules/speaker';
import * as ssh from './rules/ssh';
import * as steps from './rules/steps';
import * as storage from './rules/storage';
import * as terraform from './rules/terraform';
import * as unique from './rules/unique';

/** Every rule across fields, by the code that its issues carry. */
export const rules: Readonly<Record<string, Rule>> = {
  'unique-host-names': unique.uniqueHostNames,
  'unique-node-ips': unique.uniqueNodeIps,
  'unique-ssh-endpoints': unique.uniqueSshEndpoints,
  'unique-list-items': unique.uniqueListItems,
  'at-least-one-server': roles.atLeastOneServer,
  'database-hosts': roles.databaseHosts,
  'one-database': external.oneDatabase,
  'external-database': external.externalDatabaseFits,
  'patroni-image': database.patroniImageIsBrought,
  'one-nfs': roles.atMostOneNfs,
  'server-or-agent': roles.serverIsNoAgent,
  'address-of-node': roles.addressOfNode,
  'no-localhost': roles.noLocalhost,
  'database-host-names': roles.databaseHostIsNoRole,
  'node-settings': roles.nodeSettingsNeedNode,
  'somewhere-to-run': roles.somewhereToRun,
  'private-key-path': ssh.privateKeyIsPath,
  'stable-device-names': storage.stableDeviceNames,
  'unique-disks': storage.uniqueDisks,
  'system-directories': storage.noSystemDirectories,
  'emptied-directories': storage.noEmptiedDirectories,
  'plain-paths': storage.plainPaths,
  'separate-data': storage.separateData,
  'separate-backups': backup.separateBackups,
  'backups-over-network': backup.backupsOverNetwork,
  'offsite-secrets': backup.noSecretsInRepository,
  'data-on-disks': storage.dataOnDisks,
  'nfs-host': storage.nfsNeedsHost,
  'storage-class-name': storage.storageClassName,
  'reserved-labels': labels.reservedLabels,
  'taint-syntax': labels.taintSyntax,
  'writable-labels': labels.writableLabels,
  'virtual-ip-needed': api.severalServersNeedVirtualIp,
  'virtual-ip-not-needed': api.oneServerNeedsNoVirtualIp,
  'virtual-ip-free': api.virtualIpIsFree,
  'virtual-ip-subnet': api.virtualIpInSubnet,
  'virtual-ip-pool': api.virtualIpOutsidePools,
  'api-port': api.apiPortIsFree,
  'router-id': api.routerIdNeedsVirtualIp,
  'k3s-version': k3s.k3sIsRecentEnough,
  'known-k3s-version': k3s.k3sIsKnown,
  'owned-k3s-keys': k3s.ownedK3sKeys,
  'cluster-wide-k3s-keys': k3s.clusterWideK3sKeys,
  'known-k3s-keys': k3s.knownK3sKeys,
  'k3s-values': k3sValues.k3sValuesFit,
  'component-arguments': k3sValues.argumentsFit,
  'owned-apiserver-args': k3s.ownedApiserverArgs,
  'undone-hardening': hardening.hardeningIsNotUndone,
  'selinux-policy': hardening.selinuxPolicyIsThere,
  'backend-secrets': terraform.noSecretsInBackend,
  'k3s-secrets': k3sSecrets.noSecretsInK3sConfig,
  'k3s-secret-files': k3sSecrets.secretFilesAreNamed,
  'pod-network': k3sNetwork.podNetworkIsThere,
  'strict-arp': k3sNetwork.ipvsAnswersNobody,
  'registry-files': k3sNetwork.registryFilesAreBrought,
  'artifacts-path': k3s.artifactsPath,
  'step-names': steps.stepNames,
  'step-hosts': steps.stepHostsExist,
  'step-order': steps.stepOrder,
  'step-files': steps.stepFilesHaveNames,
  'step-libraries': steps.stepLibraries,
  'disjoint-networks': networks.disjointNetworks,
  'hosts-in-networks': networks.hostsInNodeNetworks,
  'usable-addresses': networks.usableNodeIps,
  'one-network-per-family': families.oneNetworkPerFamily,
  'same-families': families.sameFamilies,
  'pod-network-size': networks.podNetworksAreLargeEnough,
  'service-network-size': networks.serviceNetworksFit,
  'node-ip-families': families.nodeIpsMatchFamilies,
  'image-registry': database.imageNamesRegistry,
  'image-tag': database.imageIsPinned,
  'owned-postgres-settings': database.ownedPostgresSettings,
  'postgres-settings': postgresSettings.postgresSettingsFit,
  'enough-connections': database.enoughConnections,
  'unique-pool-names': pools.uniquePoolNames,
  'pools-without-hosts': pools.poolsWithoutHosts,
  'pools-outside-cluster': pools.poolsOutsideCluster,
  'disjoint-pools': pools.disjointPools,
  'pools-without-others': neighbours.poolsWithoutOthers,
  'pools-without-edges': subnets.poolsWithoutEdges,
  'routed-pools': subnets.routedPoolsOutsideLan,
  'layer2-pools': subnets.layer2PoolsInSubnet,
  'pool-families': pools.poolFamilies,
  'unique-metallb-names': metallb.uniqueMetallbNames,
  'advertised-pools': metallb.advertisedPoolsExist,
  'announced-pools': metallb.poolsAreAnnounced,
  'service-lb': metallb.serviceLbNeedsClass,
  'metallb-lists': metallb.metallbListsAreSets,
  'label-selectors': selectors.selectorsAreValid,
  'interface-patterns': speaker.interfacePatternsAreValid,
  tolerations: speaker.tolerationsAreValid,
  'node-selectors': nodeSelectors.selectedNodesAnnounce,
  'bgp-settings': bgp.bgpModeNeedsBgp,
  'bgp-used': bgp.bgpIsUsed,
  'peer-end': peers.peerHasOneEnd,
  'native-bgp': peers.nativeBackendLimits,
  'native-bgp-ipv4': announced.nativeBackendIsIpv4,
  'native-communities': communities.nativeCommunitiesAreStandard,
  'frr-k8s-ignores': peers.frrK8sIgnores,
  'as-path-prepend': announced.prependNeedsFrrK8s,
  'bgp-peers': announced.advertisedPeersExist,
  'bfd-profiles': peers.bfdProfilesExist,
  'bgp-communities': communities.communitiesAreValid,
  'announced-communities': communities.announcedCommunitiesExist,
  'bgp-aggregation': announced.aggregationWithoutServices,
  'bgp-aggregated-pools': announced.aggregationFitsPools,
  'bgp-announcements': announced.announcementsAgree,
  'bgp-multi-hop': peers.multiHopIsExternal,
  'bgp-timers': peers.timersFit,
  'bgp-connect-time': peers.connectTimesFit,
  'frr-peers': peers.frrPeersAgree,
  'bfd-echo': peers.noEchoForIpv6,
  'bfd-echo-pools': announced.noEchoForIpv6Pools,
  'one-nfs-server': nfs.oneNfsServer,
  'ingress-without-address': ingress.ingressGetsAddress,
  'ingress-address': addons.ingressAddressFromPool,
  issuers: addons.issuersAreComplete,
  'http-proof': addons.httpProofNeedsIngress,
  headlamp: addons.headlampIsReachable,
  'helm-controller': addons.chartsNeedHelmController,
  'image-digests': images.digestsAreOfImages,
  'patch-values': patches.patchesHaveValues,
  'plain-text': scalars.textThatWasNone,
  'number-as-written': scalars.numbersAsWritten,
  'number-or-text': scalars.numbersThatWereText,
};
