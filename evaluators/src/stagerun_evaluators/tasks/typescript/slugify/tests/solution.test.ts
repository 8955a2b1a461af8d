import { slugify } from './solution';

describe('slugify', () => {
  it('joins words by hyphens', () => {
    expect(slugify('Hello World')).toBe('hello-world');
  });
  it('makes one hyphen of a run of signs', () => {
    expect(slugify('a -- b__c')).toBe('a-b-c');
  });
  it('leaves no hyphen at the ends', () => {
    expect(slugify('  (Ready?) ')).toBe('ready');
  });
  it('takes accents off', () => {
    expect(slugify('Crème Brûlée à la carte')).toBe('creme-brulee-a-la-carte');
  });
  it('keeps digits', () => {
    expect(slugify('Top 10 of 2024')).toBe('top-10-of-2024');
  });
  it('gives nothing for signs alone', () => {
    expect(slugify('?!')).toBe('');
  });
});
