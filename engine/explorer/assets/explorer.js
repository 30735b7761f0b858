/* What the browser does by itself: the page's address follows its state, and is copied. */
window.dash_clientside = Object.assign({}, window.dash_clientside, {
    explorer: {
        /* The state: at once after a rest, else once nothing newer was asked for some time, as by a slider dragged. */
        settled: async function (asked) {
            const [query, wait] = asked;
            const now = performance.now();
            const rested = now - (window.explorer_last || 0) > 2000 * wait;
            window.explorer_asked = asked;
            window.explorer_last = now;
            if (!rested) {
                await new Promise(resolve => setTimeout(resolve, 1000 * wait));
            }
            return window.explorer_asked === asked ? query : window.dash_clientside.no_update;
        },
        address: function (query) {
            const end = query ? "?" + query : "";
            window.history.replaceState(window.history.state, "", window.location.pathname + end);
            return [window.location.origin + window.location.pathname + end,
                "scenario.yaml" + end, "results.nc" + end, "report.html" + end];
        },
        same: function (text) {
            return text;
        },
        copy: async function (_, link) {
            try {
                await navigator.clipboard.writeText(link);
                return "Copied.";
            } catch (error) {
                return "Select the link and copy it.";
            }
        }
    }
});
