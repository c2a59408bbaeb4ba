using System;

namespace Store
{
    public class CrashTest
    {
        public void Before()
        {
        }

        public void Dies()
        {
            Environment.FailFast("the runtime is gone");
        }

        public void Never()
        {
        }
    }
}
