/** A platform in a process of its own: `program.ts '{"data": …, "agents": […]}'`. Nothing is imported before the clock is read. */
const startedAt = performance.timeOrigin;
const firstLineAt = performance.timeOrigin + performance.now();
const { servePlatform } = await import('./serve-platform.ts');
await servePlatform({ startedAt, firstLineAt });
