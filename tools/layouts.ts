/**
 * The page with each cluster.yaml in it followed by its picture.
 *
 * @param draw the picture of a cluster.yaml, as Mermaid
 */
export function layouts(page: string, draw: (yaml: string) => string): string {
  return page
    .replace(/\n```mermaid\n[\s\S]*?\n```\n/g, '')
    .replace(
      /```yaml\n(name: [\s\S]*?)```\n/g,
      (block, yaml: string) => `${block}\n\`\`\`mermaid\n${draw(yaml).trimEnd()}\n\`\`\`\n`,
    );
}
