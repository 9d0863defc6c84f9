export { World, simulatedAgent, simulatedBriefing, type WorldOptions } from './world.ts';
export { VirtualTime, OwnClock, settle } from './virtual-clock.ts';
export { OutsideWorld, scriptedHandlers } from './scripted-work.ts';
