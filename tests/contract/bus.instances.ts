export const describeInstances = (..._: unknown[]) => {}
