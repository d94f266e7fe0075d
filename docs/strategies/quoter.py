"""A strategy of your own: quote both sides of every product, one tick inside the book."""

from core.strategies.context import Book, Context, Fill

SIZE = 5
MOST = 20


class Quoter:
    def on_start(self, context: Context) -> None:
        self.context = context
        self.traded = 0

    def on_book(self, book: Book) -> None:
        if book.mid is None or book.ask - book.bid < 3:
            self.context.cancel_all(book.symbol)
            return
        held = self.context.position(book.symbol)
        wanted = {}
        if held < MOST:
            wanted[1] = book.bid + 1
        if held > -MOST:
            wanted[-1] = book.ask - 1
        for order in self.context.orders:
            if order.symbol == book.symbol and wanted.get(order.side) != order.price:
                self.context.cancel(order.order_id)
            elif order.symbol == book.symbol:
                del wanted[order.side]
        if 1 in wanted:
            self.context.buy(book.symbol, SIZE, wanted[1], post_only=True)
        if -1 in wanted:
            self.context.sell(book.symbol, SIZE, wanted[-1], post_only=True)

    def on_fill(self, fill: Fill) -> None:
        self.traded += fill.quantity
