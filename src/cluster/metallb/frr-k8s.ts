/** Namespace of the chart frr-k8s; the speaker writes its FRRConfigurations there. */
export const frrK8sNamespace = 'frr-k8s-system';
