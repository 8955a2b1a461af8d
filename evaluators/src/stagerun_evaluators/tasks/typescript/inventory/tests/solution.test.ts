import { Inventory, OutOfStock, UnknownItem } from './solution';

function caught(what: () => void): unknown {
  try {
    what();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('Inventory', () => {
  it('adds up', () => {
    const stock = new Inventory();
    stock.add('bolt', 3);
    stock.add('bolt', 4);
    expect(stock.count('bolt')).toBe(7);
    expect(stock.count('nut')).toBe(0);
  });
  it('takes away', () => {
    const stock = new Inventory();
    stock.add('bolt', 3);
    stock.remove('bolt', 3);
    expect(stock.count('bolt')).toBe(0);
  });
  it('knows an item that has run out', () => {
    const stock = new Inventory();
    stock.add('bolt', 1);
    stock.remove('bolt', 1);
    expect(() => stock.remove('bolt', 1)).toThrow(OutOfStock);
  });
  it('says which item is unknown', () => {
    const error = caught(() => new Inventory().remove('nut', 1));
    expect(error).toBeInstanceOf(UnknownItem);
    expect(error).toMatchObject({ name: 'UnknownItem', item: 'nut', message: 'unknown item: nut' });
  });
  it('says how many are missing, and takes nothing', () => {
    const stock = new Inventory();
    stock.add('bolt', 2);
    const error = caught(() => stock.remove('bolt', 5));
    expect(error).toBeInstanceOf(OutOfStock);
    expect(error).toMatchObject({ name: 'OutOfStock', item: 'bolt', missing: 3, message: 'out of stock: bolt (3 missing)' });
    expect(stock.count('bolt')).toBe(2);
  });
  it('refuses odd counts first', () => {
    const stock = new Inventory();
    for (const count of [0, -1, 0.5, Number.NaN]) {
      expect(() => stock.add('bolt', count)).toThrow(RangeError);
      expect(() => stock.remove('unknown', count)).toThrow(RangeError);
    }
  });
  it('is not confused by names of methods', () => {
    const stock = new Inventory();
    expect(stock.count('constructor')).toBe(0);
    expect(() => stock.remove('toString', 1)).toThrow(UnknownItem);
  });
});
