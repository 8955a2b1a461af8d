import { EventBus } from './solution';

interface Events extends Record<string, unknown> {
  score: number;
  done: string;
}

describe('EventBus', () => {
  let bus: EventBus<Events>;
  let heard: string[];

  beforeEach(() => {
    bus = new EventBus<Events>();
    heard = [];
  });

  it('calls listeners in order and counts them', () => {
    bus.on('score', (value) => heard.push(`a${value}`));
    bus.on('score', (value) => heard.push(`b${value}`));
    bus.on('done', () => heard.push('never'));
    expect(bus.emit('score', 1)).toBe(2);
    expect(heard).toEqual(['a1', 'b1']);
  });
  it('calls nobody for an unknown event', () => {
    expect(bus.emit('done', 'x')).toBe(0);
  });
  it('takes a listener away, once', () => {
    const same = jest.fn();
    const first = bus.on('score', same);
    bus.on('score', same);
    first();
    first();
    bus.emit('score', 5);
    expect(same).toHaveBeenCalledTimes(1);
  });
  it('calls once listeners once', () => {
    const listener = jest.fn();
    bus.once('done', listener);
    bus.emit('done', 'x');
    bus.emit('done', 'y');
    expect(listener.mock.calls).toEqual([['x']]);
  });
  it('does not call a once listener again from inside itself', () => {
    const listener = jest.fn(() => {
      if (listener.mock.calls.length < 5) bus.emit('done', 'again');
    });
    bus.once('done', listener);
    bus.emit('done', 'x');
    expect(listener).toHaveBeenCalledTimes(1);
  });
  it('leaves listeners added during an event for the next', () => {
    bus.on('score', () => {
      bus.on('score', () => heard.push('late'));
    });
    expect(bus.emit('score', 1)).toBe(1);
    expect(heard).toEqual([]);
  });
  it('does not call a listener that was taken away before its turn', () => {
    let off = (): void => {};
    bus.on('score', () => off());
    off = bus.on('score', () => heard.push('gone'));
    expect(bus.emit('score', 1)).toBe(1);
    expect(heard).toEqual([]);
  });
  it('calls the others before it throws the first error', () => {
    bus.on('score', () => {
      throw new Error('first');
    });
    bus.on('score', () => heard.push('second'));
    bus.on('score', () => {
      throw new Error('third');
    });
    expect(() => bus.emit('score', 1)).toThrow('first');
    expect(heard).toEqual(['second']);
  });
});
