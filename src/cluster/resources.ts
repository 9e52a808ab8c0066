import { Quantity, type ResourceRequirements } from 'cdk8s-plus-28/lib/imports/k8s';

/**
 * What the scheduler reserves for a container, and optionally the memory limit. There are no
 * limits on CPU: idle CPU is there to be used.
 */
export function resources(cpu: string, memory: string, memoryLimit?: string): ResourceRequirements {
  return {
    requests: { cpu: Quantity.fromString(cpu), memory: Quantity.fromString(memory) },
    ...(memoryLimit !== undefined && { limits: { memory: Quantity.fromString(memoryLimit) } }),
  };
}
