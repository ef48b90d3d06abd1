"""Pages of a list that is never counted: a table of millions costs what its page costs."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator

#: Rows that can be paged through. A page behind these is reached by reading all before it, so the list
#: ends here and says so: search, filters and the export lead further.
DEEPEST = 10_000


class InfinitePaginator(Paginator[Any]):
    """One row more than a page is read, which tells whether there is a next one.

    By this class's name the theme knows that it has no number of results to tell.
    """

    template_name = "operators/pagination.html"
    has_more = False
    ends_here = False

    @property
    def count(self) -> int:
        """What nobody asked the table for: as many as can be paged through."""
        return DEEPEST + 1

    @property
    def num_pages(self) -> int:
        return max(1, DEEPEST // int(self.per_page))

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        rows: Sequence[Any] = list(self.object_list[start : start + self.per_page + 1])
        self.has_more = len(rows) > self.per_page
        self.ends_here = self.has_more and number == self.num_pages
        return Page(rows[: self.per_page], number, self)
