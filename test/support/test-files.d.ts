export function filesOf(folder: string): string[];
export function filesAlone(): string[];
