// What is asked for beside the page's own files. Routes of the page stand behind the `#`, which a browser keeps when it
// is led elsewhere: an address without a file leads to the page, as at the front door of a local stack.
function handler(event) {
  var request = event.request;
  var path = request.uri;
  if (path === '/docs' || path.indexOf('/docs/') === 0) {
    return leadTo('/v1' + path);
  }
  if (path !== '/' && path.indexOf('/assets/') !== 0 && path.lastIndexOf('.') < path.lastIndexOf('/')) {
    return leadTo('/');
  }
  return request;
}

function leadTo(path) {
  return { statusCode: 302, statusDescription: 'Found', headers: { location: { value: path } } };
}
