import type { Config, DiskConfig, HostConfig, Role } from '../config/config';
import type { Addons } from './addons';
import type { Charts } from './charts';
import type { Images } from './images';
import type { Metallb } from './metallb';
import type { Storage } from './storage';

/** The cluster with every default and every derived fact filled in. Deep-frozen; created by `resolve`. */
export interface Topology {
  readonly name: string;
  /** All hosts, in the order of cluster.yaml. */
  readonly hosts: readonly Host[];
  /** Hosts of the role `database`; the first is the primary at first start. */
  readonly databases: readonly Host[];
  /** Hosts that make backups of the database and restore them; empty where that is not offered. */
  readonly backupHosts: readonly Host[];
  /** The three hosts that decide which database host is the primary; empty with a single one. */
  readonly quorum: readonly Host[];
  /** Hosts of the role `server`; the first one bootstraps the cluster. Never empty. */
  readonly servers: readonly Host[];
  readonly agents: readonly Host[];
  /** Servers, then agents: every host that runs k3s. */
  readonly nodes: readonly Host[];
  readonly api: ApiEndpoint;
  readonly network: Network;
  readonly k3s: K3s;
  readonly database: Database;
  /** The NFS server, unless no host has the role `nfs`. */
  readonly nfs?: Nfs;
  /** Volumes for claims, unless there is no NFS server at all. */
  readonly storage?: Storage;
  readonly metallb?: Metallb;
  /** Which of the ports that nodes close to pods are open. */
  readonly openToPods: { readonly nfs: boolean; readonly database: boolean };
  /** How hosts reach the internet, unless directly. */
  readonly proxy?: Proxy;
  readonly addons: Addons;
  /** Whom hosts call, and how often they look after themselves: `5m`. Undefined: nobody. */
  readonly watch?: NonNullable<Config['watch']>;
  readonly images: Images;
  /** Registry that charts pull their images from. Undefined: the registries of the projects. */
  readonly imageMirror?: string;
  /** Helm charts that k3s installs. */
  readonly charts: Charts;
  /** Objects of the user's own, to be applied with the others. */
  readonly manifests: Config['objects'];
  /** Changes to the finished manifests. */
  readonly patches: Config['patches'];
  /** Where Terraform keeps the state. Undefined: beside cluster.yaml. */
  readonly backend?: Backend;
  readonly provisioner: Config['provisioner'];
}

/** A backend of Terraform. */
export interface Backend {
  readonly type: string;
  /** Under Terraform's names, as they are in cluster.yaml. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface Host {
  readonly name: string;
  /** Address or name to SSH to. */
  readonly address: string;
  /** Addresses of the machine in the cluster's network; the first is of the primary family. Never empty. */
  readonly nodeIps: readonly string[];
  readonly roles: readonly Role[];
  /** Its k3s role. */
  readonly kind: 'server' | 'agent' | 'none';
  readonly ssh: SshSettings;
  /** The SSH host key to expect, as in `known_hosts`: `ssh-ed25519 AAAA…`. Undefined: it is not known, and Terraform refuses to talk to it. */
  readonly hostKey?: string;
  readonly disks: readonly DiskConfig[];
  /** More packages that it gets. */
  readonly packages: readonly string[];
  /** The user's own steps on it, each after those that it waits for. Hosts share the objects. */
  readonly steps: readonly OwnStep[];
  /** Which of the artifacts fit. */
  readonly arch: HostConfig['arch'];
  /** Of its node; the zone is among them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly string[];
  /** The configuration of k3s on it from cluster.yaml, besides this tool's. */
  readonly extraConfig: K3sConfig;
  /** Names of the files in `secrets/k3s/` that k3s reads on it, according to cluster.yaml. */
  readonly secretFiles: readonly string[];
}

/** A script of the user's own that runs on hosts. */
export interface OwnStep {
  readonly name: string;
  /** What it is called in plans and on hosts, where it is one step of many: `own-nut`. */
  readonly step: string;
  /** Another own step, or one of k3s-cdk, which a host may lack. */
  readonly after: string;
  /** How many own steps come before it, one after another. */
  readonly depth: number;
  /** Whether the roles of the host wait for it. */
  readonly beforeRoles: boolean;
  /** Its path, as written in cluster.yaml. */
  readonly run: string;
  readonly script: OwnScript;
  /** What undoes it. */
  readonly uninstall?: OwnScript;
  /** Texts by the names that the script finds them under. */
  readonly files: Readonly<Record<string, string>>;
  /** Names of files in its folder of secrets. */
  readonly secrets: readonly string[];
}

export interface OwnScript {
  readonly text: string;
  /** Names of our libraries that it sources. */
  readonly libraries: readonly string[];
}

/** Keys and values of k3s's config file. */
export type K3sConfig = Readonly<Record<string, K3sConfigValue>>;
export type K3sConfigValue = string | number | boolean | readonly (string | number | boolean)[];

/** Hosts with equal settings share one frozen object. */
export interface SshSettings {
  readonly user: string;
  readonly port: number;
  /** Path as written, `~` allowed. Undefined: the SSH agent. */
  readonly privateKey?: string;
  /** Path of the public half of the one key that the agent is asked for. @default - all keys that it has */
  readonly agentKey?: string;
  readonly bastion?: Bastion;
}

export interface Bastion {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly privateKey?: string;
  readonly agentKey?: string;
  /** The key that it must present, as `type base64`. Undefined: not verified. */
  readonly hostKey?: string;
}

export interface ApiEndpoint {
  /** The virtual IP, or the address of the only server. */
  readonly address: string;
  readonly port: number;
  /** `https://address:port`: what kubectl and joining agents use. */
  readonly url: string;
  /** Extra certificate names. */
  readonly names: readonly string[];
  /** Set when haproxy and keepalived run in front of the servers. */
  readonly loadBalancer?: LoadBalancer;
}

export interface LoadBalancer {
  readonly virtualIp: string;
  readonly port: number;
  /** VRRP router id, 1 to 255. */
  readonly virtualRouterId: number;
  /** Port of kube-apiserver on every server. */
  readonly backendPort: number;
  /** Loopback port on which haproxy shows keepalived whether it has a healthy server. */
  readonly monitorPort: number;
  /** How long a connection may be idle, in haproxy's notation: `4h`. */
  readonly idleTimeout: string;
}

export interface Network {
  /** Subnets of the hosts. */
  readonly nodes: readonly string[];
  readonly pods: readonly string[];
  readonly services: readonly string[];
  /** Addresses of the cluster's DNS service, one per service network. */
  readonly clusterDns: readonly string[];
  readonly dualStack: boolean;
}

export interface Proxy {
  readonly http?: string;
  readonly https: string;
  /** Names, domains and networks to reach directly. */
  readonly exceptions: readonly string[];
}

export interface K3s {
  /** `vX.Y.Z+k3sN`. */
  readonly version: string;
  /** sha256 that the binary must have, by architecture. Undefined: what the release's checksum file says. */
  readonly sha256?: Config['k3s']['sha256'];
  /** Folder with the files of the release, as written in cluster.yaml. Undefined: hosts download. */
  readonly artifacts?: string;
  /** k3s's registries.yaml. */
  readonly registries?: Config['k3s']['registries'];
  /** Where kube-apiserver listens on the servers. */
  readonly serverPort: number;
  /** How many agents may restart at the same time; at least 1. */
  readonly maxUnavailable: number;
  /** The benchmark that the nodes comply with. */
  readonly hardening?: Config['k3s']['hardening'];
}

/** What k3s keeps its state in. Without `external` it runs on the database hosts. */
export interface Database {
  readonly image: string;
  readonly dataDir: string;
  readonly port: number;
  /** Database and role; the common name of the client certificates. */
  readonly name: string;
  readonly user: string;
  /** What k3s gets as `datastore-endpoint`. Holds no secret. */
  readonly endpoint: string;
  /** Where it is reached, as `host:port`; one that answers is enough. */
  readonly addresses: readonly string[];
  /** Set when somebody else runs it. */
  readonly external?: ExternalDatabase;
  /** `postgresql.conf`, sorted by name: derived settings, then those of cluster.yaml. */
  readonly settings: Readonly<Record<string, string>>;
  readonly backup: Backup;
  /** Set when there are several database hosts. */
  readonly cluster?: DatabaseCluster;
}

/** A database server that is not one of the hosts. */
export interface ExternalDatabase
  extends Omit<NonNullable<Config['database']['external']>, 'name' | 'user' | 'port'> {
  /** `Postgres` or `MySQL`. */
  readonly title: string;
}

/** Patroni, which makes one of several database hosts the primary, and the etcd that it uses. */
export interface DatabaseCluster {
  /** What Postgres runs from. */
  readonly image: string;
  /** Whether hosts make `image` themselves, from the image of a single Postgres. */
  readonly built: boolean;
  /** Where Patroni answers on every database host. */
  readonly restPort: number;
  readonly etcd: {
    readonly image: string;
    readonly clientPort: number;
    readonly peerPort: number;
  };
}

/** Backups of the database, made on its host. */
export interface Backup {
  /** Whether a timer makes them. */
  readonly enabled: boolean;
  /** Calendar expression of systemd. */
  readonly schedule: string;
  /** How many are kept: the newest, the newest of each day, the newest of each week. */
  readonly keep: { readonly last: number; readonly daily: number; readonly weekly: number };
  /** Directory on the host; with `nfs`, where the export is mounted meanwhile. */
  readonly path: string;
  /** `server:/path` of the export that gets them. */
  readonly nfs?: string;
  /** Where restic keeps copies. Undefined: nowhere. */
  readonly offsite?: NonNullable<Config['database']['backup']['offsite']>;
  readonly drill: Config['database']['backup']['drill'];
  /** Certificates to encrypt for, as written in cluster.yaml. Empty: not encrypted. */
  readonly recipients: readonly string[];
}

export interface Nfs {
  readonly host: Host;
  /** Address that the nodes mount from. */
  readonly server: string;
  readonly path: string;
  /** Whether it may have its owner's files, which keep their owner. */
  readonly adopt: boolean;
}
