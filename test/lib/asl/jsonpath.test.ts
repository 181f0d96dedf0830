import type { Json } from '../../../lib/asl/json';
import { evaluateJsonPath, isReferencePath, JsonPathNotFoundError, JsonPathSyntaxError, parseJsonPath } from '../../../lib/asl/jsonpath';

const data: Json = {
  store: {
    book: [
      { category: 'reference', author: 'Rees', price: 8.95 },
      { category: 'fiction', author: 'Waugh', price: 12.99 },
      { category: 'fiction', author: 'Melville', price: 8.99, isbn: '0-553' },
    ],
    bicycle: { colour: 'red' },
  },
  'odd name': [[1, 2], [3]],
  limit: 10,
};

const at = (path: string) => evaluateJsonPath(parseJsonPath(path), data);

// https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
describe('JSONPath', () => {
  test.each<[string, unknown]>([
    ['$', data],
    ['$.store.bicycle.colour', 'red'],
    ["$['store']['bicycle']", { colour: 'red' }],
    ["$['odd name'][0][1]", 2],
    ['$.store.book[-1].author', 'Melville'],
    ['$.store.book[0:2].price', [8.95, 12.99]],
    ['$.store.book[-2:].price', [12.99, 8.99]],
    ['$.store.book[0,2].author', ['Rees', 'Melville']],
    ["$.store.book[0]['author','price']", [{ author: 'Rees', price: 8.95 }]],
    ['$.store.*.colour', ['red']],
    ['$..author', ['Rees', 'Waugh', 'Melville']],
    ["$['odd name'][*][0]", [1, 3]],
    ['$.store.book[?(@.isbn)].author', ['Melville']],
    ['$.store.book[?(!@.isbn)].author', ['Rees', 'Waugh']],
    ["$.store.book[?(@.category == 'fiction' && @.price < $.limit)].author", ['Melville']],
    ["$.store.book[?(@.category == 'x' || @.author =~ /w.*/i)].author", ['Waugh']],
    ["$.store.book[?(@.author in ['Rees', 'X'])].price", [8.95]],
    ['$.store.book.length()', 3],
    ['$.store.book[*].price.max()', 12.99],
    ['$.store.bicycle.keys()', ['colour']],
    ['$.none[*].x', []],
    ['$.none[1:]', []],
    ['$..none', []],
  ])('%s', (path, expected) => {
    expect(at(path)).toEqual(expected);
  });

  test.each([
    ['$.none', "No results for path: $['none']"],
    ['$.none.x', "Missing property in path $['none']"],
    ['$.limit.x', "Expected to find an object with property ['x'] in path $['limit'] but found 'number'."],
    ['$.store.book[7]', "No results for path: $['store']['book'][7]"],
    ['$.limit[0]', 'can only be applied to arrays'],
  ])('%s leads nowhere', (path, message) => {
    expect(() => at(path)).toThrow(JsonPathNotFoundError);
    expect(() => at(path)).toThrow(message);
  });

  test.each(['', 'a', '$.', '$.a[', "$['a", '$[?(@.a ==)]', '$.a b', '$[x]', '$.a.eval()', '$[?(1)]'])('%j is no path', (path) => {
    expect(() => parseJsonPath(path)).toThrow(JsonPathSyntaxError);
  });

  test('an inherited member is none', () => {
    expect(() => evaluateJsonPath(parseJsonPath('$.constructor'), {})).toThrow(JsonPathNotFoundError);
  });

  test('reference paths name one place', () => {
    expect(['$', '$.a.b', "$['a'][0]"].map((p) => isReferencePath(parseJsonPath(p)))).toEqual([true, true, true]);
    expect(['$.a[*]', '$.a[0,1]', '$..a', '$.a.length()'].map((p) => isReferencePath(parseJsonPath(p)))).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
