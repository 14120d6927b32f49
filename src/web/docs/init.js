/* Shows this server's own OpenAPI document; asks no other host (validatorUrl is Swagger UI's one call elsewhere). */
'use strict';

/* Swagger UI sends every credential it was given. The account calls are a person's: there the token counts, not the key beside it. */
function onlyToken(request) {
  const { pathname } = new URL(request.url, location.href);
  if (pathname.includes('/api/v1/auth/') && request.headers && request.headers.Authorization)
    delete request.headers['X-API-Key'];
  return request;
}

const ui = SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0, // the schemas at the end, closed
  defaultModelExpandDepth: 3,
  requestInterceptor: onlyToken,
  validatorUrl: null
});

/* Until the call has unfolded, the page may be too short to bring it to the top. */
function bringToTop(call, tries) {
  call.scrollIntoView();
  if (Math.abs(call.getBoundingClientRect().top) > 1 && tries > 0)
    setTimeout(bringToTop, 50, call, tries - 1);
}

/* The links of the first steps open their call here; Swagger UI gives them a new window, and looks at the address only while it loads. */
document.addEventListener('click', event => {
  const link = event.target.closest('.info a[href^="#"]');
  if (!link)
    return;
  event.preventDefault();
  location.hash = link.hash;
  bringToTop(document.getElementById('operations' + link.hash.slice(1).replaceAll('/', '-')), 40);
});
window.addEventListener('hashchange', () => ui.layoutActions.parseDeepLinkHash(location.hash));
