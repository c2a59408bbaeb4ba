using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace Store
{
    public class ShelfTest
    {
        private readonly Dictionary<string, int> blocks = new Dictionary<string, int>();

        public void Holds()
        {
        }

        public void IsWide(int width)
        {
            if (width != 5)
            {
                throw new InvalidOperationException($"Assert.Equal() Failure\nExpected: 5\nActual:   {width}");
            }
        }

        public void FindsABlock()
        {
            Console.WriteLine($"looking among {blocks.Count}");
            blocks["a"].ToString();
        }

        public void Answers()
        {
            try
            {
                Task.Run(() => throw new TimeoutException("The worker did not answer.")).Wait(1000);
            }
            catch (AggregateException error)
            {
                throw new InvalidOperationException("The shelf is closed.", error.InnerException);
            }
        }

        public void LaterIsDeep()
        {
        }
    }
}
