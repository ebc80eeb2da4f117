"""Every way into a page by which a PDF engine that lays out HTML might fetch something."""

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'
    "<title>x</title>"
)

DOORS = {
    # What WeasyPrint's usual fetcher would fetch.
    "image": '<img src="{address}" alt="x">',
    "style sheet": '<link rel="stylesheet" href="{address}">',
    "import": "<style>@import '{address}';</style>",
    "import by url": "<style>@import url({address});</style>",
    "font": "<style>@font-face {{ font-family: x; src: url('{address}') }} p {{ font-family: x }}</style><p>x</p>",
    "background": "<p style=\"background: url('{address}')\">x</p>",
    "background image": "<p style=\"background-image: url('{address}')\">x</p>",
    "background by a variable": "<style>p {{ --x: url('{address}'); background: var(--x) }}</style><p>x</p>",
    "list mark": "<ul style=\"list-style: url('{address}')\"><li>x</li></ul>",
    "list mark image": "<ul><li style=\"list-style-image: url('{address}')\">x</li></ul>",
    "content": "<style>p::before {{ content: url('{address}') }}</style><p>x</p>",
    "border image": "<p style=\"border: 9px solid; border-image: url('{address}') 9\">x</p>",
    "page background": "<style>@page {{ background: url('{address}') }}</style><p>x</p>",
    "margin box": "<style>@page {{ @top-left {{ content: url('{address}') }} }}</style><p>x</p>",
    "margin box background": "<style>@page {{ @top-left {{ content: 'x'; background: url('{address}') }} }}</style>",
    "attachment": '<link rel="attachment" href="{address}">',
    "attachment link": '<a rel="attachment" href="{address}">x</a>',
    "object": '<object data="{address}"></object>',
    "embed": '<embed src="{address}">',
    "picture in a picture": SVG + '<image href="{address}" width="1" height="1"/></svg>',
    "picture in a picture, the old way": SVG + '<image xlink:href="{address}" width="1" height="1"/></svg>',
    "base": '<base href="{address}"><img src="x" alt="x">',
    "colour profile": "<style>@color-profile --x {{ src: url('{address}') }} p {{ color: color(--x 1 0 0) }}</style>",
}
"""Each of these is refused."""

CLOSED = {
    # What it does not fetch today. Refused or printed without, but never asked for.
    "content of an element": "<p style=\"content: url('{address}')\">x</p>",
    "frame": '<iframe src="{address}"></iframe>',
    "source set": '<img srcset="{address} 2x" alt="x">',
    "source": '<picture><source srcset="{address}"></picture>',
    "script": '<script src="{address}"></script>',
    "cursor": "<p style=\"cursor: url('{address}'), auto\">x</p>",
    "mask": "<p style=\"mask-image: url('{address}')\">x</p>",
    "filter": "<p style=\"filter: url('{address}#x')\">x</p>",
    "shape": "<p style=\"float: left; shape-outside: url('{address}')\">x</p>",
    "attribute": '<style>p {{ background: attr(data-x url) }}</style><p data-x="{address}">x</p>',
    "used shape": SVG + '<use href="{address}#x"/></svg>',
    "gradient": SVG + '<rect width="9" height="9" fill="url({address}#x)"/></svg>',
    "style in a picture": SVG + "<style>@import '{address}';</style><path d=\"M0 0h9v9z\"/></svg>",
    "filter in a picture": SVG
    + '<filter id="f"><feImage href="{address}"/></filter><rect width="9" height="9"/></svg>',
    "film": '<video src="{address}" poster="{address}"></video>',
    "sound": '<audio src="{address}"></audio>',
    "button": '<input type="image" src="{address}" alt="x">',
    "icon": '<link rel="icon" href="{address}">',
    "refresh": '<meta http-equiv="refresh" content="0;url={address}">',
    "background attribute": '<table background="{address}"><tr><td>x</td></tr></table>',
}
